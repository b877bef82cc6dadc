/**
 * Plays stages in their order, as many at once as there are lanes: whenever a lane is free it takes the first stage that may
 * begin. `after` names a stage that must have ended before; one that is `alone` waits until all before it have ended, and
 * holds up those behind it.
 *
 * @template {{ readonly title: string, readonly after?: string, readonly alone?: boolean }} T
 * @param {readonly T[]} stages
 * @param {number} lanes
 * @param {(stage: T, lane: number) => Promise<void>} play - a rejection ends all: nothing more begins
 * @returns {Promise<void>}
 */
export async function sideBySide(stages, lanes, play) {
  const waiting = [...stages];
  const underWay = new Map();
  let isAlone = false;
  const free = Array.from({ length: lanes }, (_, lane) => lane);
  const isOpen = (title) => waiting.some((stage) => stage.title === title) || underWay.has(title);
  const next = () => {
    const [first] = waiting;
    if (isAlone) return undefined;
    if (first?.alone === true) return underWay.size === 0 ? first : undefined;
    const end = waiting.findIndex(({ alone }) => alone === true);
    return waiting
      .slice(0, end < 0 ? undefined : end)
      .find(({ after }) => after === undefined || !isOpen(after));
  };
  while (waiting.length > 0 || underWay.size > 0) {
    const stage = free.length > 0 ? next() : undefined;
    if (stage === undefined) {
      if (underWay.size === 0) throw new Error(`${waiting[0].title} waits for what never ends`);
      await Promise.race(underWay.values());
      continue;
    }
    waiting.splice(waiting.indexOf(stage), 1);
    const lane = free.shift();
    isAlone = stage.alone === true;
    const playing = play(stage, lane).then(() => {
      underWay.delete(stage.title);
      isAlone = false;
      free.push(lane);
      free.sort((a, b) => a - b);
    });
    underWay.set(stage.title, playing);
  }
}
