/** The width of a column, and of what stands before the first, px. */
export const CELL = 20;
export const GUTTER = 120;
/** From one lane to the next, and to a further one of the same name. */
export const LANE = 38;
export const EXTRA = 24;

const mono = 'ui-monospace, SFMono-Regular, Menlo, Consolas, monospace';
const sans = 'system-ui, -apple-system, Segoe UI, Helvetica, Arial, sans-serif';

/** Colours come twice: for light pages, and for dark ones. */
export const style: string = `<style>
text { font: 13px ${sans}; fill: #1f2328; }
.page { fill: #ffffff; stroke: #d1d9e0; }
.title { font-size: 16px; font-weight: 600; }
.note, .time, .caption { fill: #59636e; font-size: 12px; }
.given, .words { font: 11.5px ${mono}; fill: #59636e; }
.time { font-size: 11px; text-anchor: middle; }
.label { text-anchor: end; }
.drives { fill: #9a6700; }
.grid { stroke: #d1d9e0; stroke-dasharray: 1 4; }
.end { stroke: #818b98; stroke-dasharray: 4 3; }
.lane { stroke: #818b98; stroke-width: 1.5; }
.mark { fill: #ddf4ff; stroke: #0969da; stroke-width: 1.5; }
.drive { fill: #fff8c5; stroke: #9a6700; stroke-width: 1.5; }
.bar { stroke: #0969da; stroke-width: 3; }
.letter { font: 600 12px ${mono}; text-anchor: middle; }
.cut { fill: #ffffff; }
.wave { fill: none; stroke: #818b98; }
.skipped { fill: #59636e; text-anchor: middle; font-style: italic; }
@media (prefers-color-scheme: dark) {
text { fill: #f0f6fc; }
.page { fill: #0d1117; stroke: #3d444d; }
.note, .time, .caption, .given, .words, .skipped { fill: #9198a1; }
.drives { fill: #d29922; }
.grid { stroke: #3d444d; }
.end, .lane, .wave { stroke: #9198a1; }
.mark { fill: #121d2f; stroke: #4493f8; }
.drive { fill: #272115; stroke: #d29922; }
.bar { stroke: #4493f8; }
.cut { fill: #0d1117; }
}
</style>`;

export function element(name: string, attributes: Readonly<Record<string, string | number>>): string {
  const written = Object.entries(attributes).map(([key, value]) => `${key}="${String(value)}"`);
  return `<${name} ${written.join(' ')}/>`;
}

export function textAt(x: number, y: number, kind: string, text: string): string {
  return `<text class="${kind}" x="${String(x)}" y="${String(y)}">${escaped(text)}</text>`;
}

export function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;');
}

/** Lines of at most that width, a letter being `em` wide. */
export function wrap(text: string, width: number, em: number): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && (line.length + 1 + word.length) * em > width) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return line === '' ? lines : [...lines, line];
}
