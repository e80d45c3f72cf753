// An axis of bars: a place a bar, as candles want it; its dates stand at the bars with which they begin.
const wide = signs => 8 * signs + 16;   // pixels that a date of so many signs takes on the axis
// The value on one rising axis for that on another, of the same length; in proportion between two and beyond them.
function along(from, to, value) {
  const last = from.length - 1, low = Math.min(Math.max(upTo(from, value), 0), Math.max(last - 1, 0));
  const part = (axis, a, b) => axis[b] - axis[a];
  if (!last) return to[0] + value - from[0];
  if (from[low] === value) return to[low];
  if (from[low + 1] === value) return to[low + 1];
  const [a, b] = value < from[0] || value > from[last] ? [0, last] : [low, low + 1];
  const near = value > from[last] ? last : a;
  return to[near] + (value - from[near]) * part(to, a, b) / part(from, a, b);
}
const years = count => [v => Math.floor(new Date(v).getUTCFullYear() / count), 4];
// From near to far: in which day, week, … a moment lies, and how many signs of its date name it.
const UNITS = [[v => Math.floor(v / DAY), 10], [PERIODS.week[0], 10], [v => Math.floor(PERIODS.week[0](v) / 2), 10], [month, 7],
  [PERIODS.quarter[0], 7], [v => Math.floor(month(v) / 6), 7], ...[1, 2, 5, 10, 20].map(years)];
// The places of the bars in sight with which a day, a week, a month … begins: of the nearest unit whose dates have
// room beside one another; and the dates.
function dateTicks(times, start, end, room) {
  const first = Math.max(Math.ceil(start), 0), last = Math.min(Math.floor(end), times.length - 1);
  for (const [which, signs] of UNITS) {
    const ticks = [];
    for (let i = first; i <= last; i++) if (which(times[i]) !== which(i ? times[i - 1] : times[0] - 4 * DAY)) ticks.push(i);
    if (ticks.length * wide(signs) <= room) return [ticks, ticks.map(i => new Date(times[i]).toISOString().slice(0, signs))];
  }
  return [[], []];
}

