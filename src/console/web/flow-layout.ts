/** Where the parts of the flow stand: pure numbers, so that a picture of any size is the same everywhere. */

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** A line from the side of one box to that of another. */
export interface Edge {
  readonly path: string;
}

export interface FlowLayout {
  readonly width: number;
  readonly height: number;
  readonly lists: readonly Box[];
  readonly segments: Box;
  readonly routes: readonly Box[];
  readonly sinks: readonly Box[];
  readonly fromLists: readonly Edge[];
  readonly toRoutes: readonly Edge[];
  readonly toSinks: readonly Edge[];
  /** One below the other, for a narrow screen. */
  readonly isTall: boolean;
}

const listHeight = 88;
const routeHeight = 96;
const segmentsHeight = 148;
const gap = 14;
const narrow = 820;

export function layoutFlow(width: number, lists: number, routes: number): FlowLayout {
  return width < narrow ? tall(width, lists, routes) : wide(width, lists, routes);
}

/** Four columns, each in the middle of the height. */
function wide(width: number, lists: number, routes: number): FlowLayout {
  const room = Math.round(Math.min(110, width * 0.07));
  const inner = width - 3 * room;
  const columns = [0.25, 0.23, 0.29, 0.23].map((share) => Math.floor(inner * share));
  const [first = 0, second = 0, third = 0, fourth = 0] = columns;
  const height = Math.max(column(lists, listHeight), segmentsHeight, column(routes, routeHeight));
  const x2 = first + room;
  const x3 = x2 + second + room;
  const x4 = x3 + third + room;
  const listBoxes = stack(lists, { x: 0, width: first, height: listHeight }, height);
  const segments: Box = {
    x: x2,
    y: Math.round((height - segmentsHeight) / 2),
    width: second,
    height: segmentsHeight,
  };
  const routeBoxes = stack(routes, { x: x3, width: third, height: routeHeight }, height);
  const sinkBoxes = stack(routes, { x: x4, width: fourth, height: routeHeight }, height);
  return {
    width,
    height,
    lists: listBoxes,
    segments,
    routes: routeBoxes,
    sinks: sinkBoxes,
    fromLists: listBoxes.map((box, at) => across(box, segments, share(at, lists))),
    toRoutes: routeBoxes.map((box, at) => across(segments, box, share(at, routes))),
    toSinks: routeBoxes.map((box, at) => across(box, sinkBoxes[at] ?? box, 0.5)),
    isTall: false,
  };
}

/** Everything below each other; a route and its sink side by side. */
function tall(width: number, lists: number, routes: number): FlowLayout {
  const indent = 22;
  const listBoxes = stack(lists, { x: 0, width, height: listHeight }, column(lists, listHeight));
  const top = column(lists, listHeight) + 28;
  const segments: Box = { x: 0, y: top, width, height: segmentsHeight };
  const below = top + segmentsHeight + 28;
  const sinkRoom = 26;
  const sinkHeight = 56;
  const step = routeHeight + sinkRoom + sinkHeight + gap + 8;
  const routeBoxes = Array.from({ length: routes }, (_, at): Box => {
    return { x: indent, y: below + at * step, width: width - indent, height: routeHeight };
  });
  const sinkBoxes = routeBoxes.map(
    ({ x, y, width: each }): Box => ({
      x: x + indent,
      y: y + routeHeight + sinkRoom,
      width: each - indent,
      height: sinkHeight,
    }),
  );
  const last = listBoxes.at(-1);
  return {
    width,
    height: below + Math.max(0, routes * step - gap),
    lists: listBoxes,
    segments,
    routes: routeBoxes,
    sinks: sinkBoxes,
    fromLists: last === undefined ? [] : [down(last, segments)],
    toRoutes: routeBoxes.map((box) => ({
      path: `M 9 ${segments.y + segments.height} V ${box.y + box.height / 2 - 9} q 0 9 9 9 H ${box.x}`,
    })),
    toSinks: routeBoxes.map((box, at) => {
      const sink = sinkBoxes[at] ?? box;
      const x = box.x + 9;
      return {
        path: `M ${x} ${box.y + box.height} V ${sink.y + sink.height / 2 - 9} q 0 9 9 9 H ${sink.x}`,
      };
    }),
    isTall: true,
  };
}

const column = (boxes: number, height: number): number => Math.max(0, boxes * (height + gap) - gap);

function stack(
  boxes: number,
  { x, width, height }: Omit<Box, 'y'>,
  within: number,
): readonly Box[] {
  const top = Math.round((within - column(boxes, height)) / 2);
  return Array.from({ length: boxes }, (_, at) => ({
    x,
    y: top + at * (height + gap),
    width,
    height,
  }));
}

/** Where on the side of a box the line of one of many begins or ends. */
const share = (at: number, all: number): number => (all < 2 ? 0.5 : 0.2 + (0.6 * at) / (all - 1));

function across(from: Box, to: Box, place: number): Edge {
  const isSplit = from.height > to.height;
  const y1 = from.y + from.height * (isSplit ? place : 0.5);
  const y2 = to.y + to.height * (isSplit ? 0.5 : place);
  const x1 = from.x + from.width;
  const bend = (to.x - x1) / 2;
  return { path: `M ${x1} ${y1} C ${x1 + bend} ${y1}, ${to.x - bend} ${y2}, ${to.x} ${y2}` };
}

const down = (from: Box, to: Box): Edge => ({
  path: `M ${from.width / 2} ${from.y + from.height} V ${to.y}`,
});
