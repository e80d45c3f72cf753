/* A browser starts no worker from a file on the disk. The search asks for one, so there it gets a hidden frame,
   which runs the same script, with messages passed between the two pages. */
if (location.protocol === "file:")
  window.Worker = class extends EventTarget {
    constructor(url) {
      super()
      const frame = document.createElement("iframe")
      frame.hidden = true
      document.body.appendChild(frame)
      this.inside = frame.contentWindow
      this.inside.postMessage = data => this.deliver(this, data) // what the script posts goes to this page
      this.ready = new Promise((done, failed) => {
        const script = frame.contentDocument.createElement("script")
        script.src = new URL(url, document.baseURI).href
        script.onload = done
        script.onerror = failed
        frame.contentDocument.documentElement.appendChild(script)
      })
    }
    deliver(target, data) {
      target.dispatchEvent(new MessageEvent("message", { data }))
    }
    postMessage(data) {
      this.ready.then(() => this.deliver(this.inside, data))
    }
    terminate() {
      this.inside.frameElement.remove()
    }
  }
