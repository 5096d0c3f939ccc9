const ESCAPES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

/** Text that is markup, and is not escaped again. */
export class Html {
  constructor(readonly text: string) {}
}

/** What may stand in a template; lists stand one after the other, `undefined` and `false` for nothing. */
export type Part = Html | string | number | undefined | false | readonly Part[];

/** Markup; everything that is put in is escaped, unless it is markup itself. */
export function html(strings: TemplateStringsArray, ...parts: readonly Part[]): Html {
  const text = strings.reduce((before, string, index) => {
    return `${before}${textOf(parts[index - 1])}${string}`;
  });
  return new Html(text);
}

function textOf(part: Part): string {
  if (part instanceof Html) return part.text;
  if (part === undefined || part === false) return '';
  if (typeof part === 'object') return part.map(textOf).join('');
  return String(part).replace(/[&<>"']/g, (character) => ESCAPES[character] ?? '');
}
