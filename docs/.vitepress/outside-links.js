/**
 * Pages link files of the repository, which are not on the site: such a link is left as its text.
 * README.md is the site's front page.
 *
 * @param {import('vitepress').MarkdownRenderer} markdown
 */
export function unlinkOutside(markdown) {
  markdown.core.ruler.push('unlink-outside', ({ tokens }) => {
    for (const { children } of tokens) if (children) unlink(children);
  });
}

/** @param {ReturnType<import('vitepress').MarkdownRenderer['parse']>} tokens of one paragraph */
function unlink(tokens) {
  let isInside = false;
  for (const token of tokens) {
    if (token.type === 'link_open') {
      const target = token.attrGet('href') ?? '';
      if (target.startsWith('../README.md')) token.attrSet('href', '/');
      else if (target.startsWith('../')) isInside = true;
    }
    if (!isInside) continue;
    if (token.type === 'link_close') isInside = false;
    if (token.type === 'link_open' || token.type === 'link_close') {
      token.type = 'html_inline';
      token.content = '';
    }
  }
}
