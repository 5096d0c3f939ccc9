import type { GroupResult } from '../comparison.js';
import { goalOf } from '../goals.js';
import { Svg } from './svg.js';

const WIDTH = 860;
const LEFT = 220;
const BAR = 12;
const ROW = 18;
const GROUP_GAP = 26;
const TOP = 56;
const PEER_COLOR = '#b8c4d6';
const OWN_COLOR = '#2f6f4f';
const GOAL_COLOR = '#c0392b';

/**
 * For each platform, store and route a bar as long as the peer's added cost, and in it one as long as
 * ours; a red mark stands where the goal is.
 */
export function drawChart(groups: readonly GroupResult[], machine: string): string {
  const rows = groups.reduce((sum, { routes }) => sum + routes.length, 0);
  const height = TOP + rows * ROW + groups.length * GROUP_GAP + 16;
  const svg = new Svg(WIDTH, height, 'Added processor time by request, ours and the peers');
  svg.text(12, 20, 'Processor time added to bare Nest by request: ours (green) within the peer’s');
  svg.text(12, 38, machine);
  let y = TOP;
  for (const group of groups) {
    svg.text(12, y + BAR, `${group.platform}, ${group.store}`);
    y += GROUP_GAP - 6;
    for (const { route, added, ratio } of group.routes) {
      const width = WIDTH - LEFT - 170;
      const share = Math.max(0, Math.min(1.25, ratio));
      svg.text(LEFT - 8, y + BAR - 2, route, 'end');
      svg.rectangle(LEFT, y, width / 1.25, BAR, PEER_COLOR);
      svg.rectangle(LEFT, y, (width / 1.25) * share, BAR, OWN_COLOR);
      const goal = goalOf(group.platform, group.store, route);
      if (goal !== undefined) {
        svg.rectangle(LEFT + (width / 1.25) * goal, y - 2, 2, BAR + 4, GOAL_COLOR);
      }
      const figures = `${added.ours.toFixed(1)} of ${added.peer.toFixed(1)} µs (${ratio.toFixed(2)})`;
      svg.text(WIDTH - 12, y + BAR - 2, figures, 'end');
      y += ROW;
    }
    y += 6;
  }
  return svg.toString();
}
