/** A drawing of lines, rectangles and text; whoever draws places things by pixels. */
export class Svg {
  readonly #parts: string[] = [];

  constructor(
    readonly width: number,
    readonly height: number,
    title: string,
  ) {
    this.#parts.push(
      `<title>${escape(title)}</title>`,
      `<rect width="${width}" height="${height}" fill="#ffffff"/>`,
    );
  }

  rectangle(x: number, y: number, width: number, height: number, color: string): void {
    this.#parts.push(
      `<rect x="${round(x)}" y="${round(y)}" width="${round(width)}" height="${round(height)}" fill="${color}"/>`,
    );
  }

  line(points: readonly (readonly [x: number, y: number])[], color: string, dashes = ''): void {
    const path = points.map(([x, y]) => `${round(x)},${round(y)}`).join(' ');
    const dashed = dashes === '' ? '' : ` stroke-dasharray="${dashes}"`;
    this.#parts.push(`<polyline points="${path}" fill="none" stroke="${color}"${dashed}/>`);
  }

  circle(x: number, y: number, radius: number, color: string): void {
    this.#parts.push(`<circle cx="${round(x)}" cy="${round(y)}" r="${radius}" fill="${color}"/>`);
  }

  text(x: number, y: number, content: string, anchor: 'start' | 'middle' | 'end' = 'start'): void {
    this.#parts.push(
      `<text x="${round(x)}" y="${round(y)}" text-anchor="${anchor}" fill="#222222">${escape(content)}</text>`,
    );
  }

  toString(): string {
    const size = `width="${this.width}" height="${this.height}"`;
    const box = `viewBox="0 0 ${this.width} ${this.height}"`;
    const font = 'font-family="sans-serif" font-size="12"';
    return (
      `<svg xmlns="http://www.w3.org/2000/svg" ${size} ${box} ${font}>\n` +
      `${this.#parts.join('\n')}\n</svg>\n`
    );
  }
}

function round(pixels: number): string {
  return String(Math.round(pixels * 10) / 10);
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
