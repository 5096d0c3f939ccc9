import { defineConfig } from 'vitepress';
import { unlinkOutside } from './outside-links.js';
import { chapters } from './pages.js';

export default defineConfig({
  title: 'nestjs-session-bag',
  description: 'Sessions for NestJS: one API on Express and Fastify, and no lost update',
  lang: 'en',
  outDir: '../site',
  cacheDir: '../node_modules/.cache/vitepress',
  cleanUrls: false,
  markdown: { config: unlinkOutside },
  themeConfig: {
    nav: [
      { text: 'Guide', link: '/getting-started' },
      // Made by TypeDoc beside the pages, so the browser has to leave them.
      { text: 'API', link: '/api/index.html', target: '_self' },
    ],
    sidebar: chapters.map(({ title, pages }) => ({
      text: title,
      items: pages.map(([file, text]) => ({ text, link: `/${file}` })),
    })),
    search: { provider: 'local' },
    outline: [2, 3],
  },
});
