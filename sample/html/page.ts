import { Header } from '@nestjs/common';
import { html, type Html } from './html.js';
import { STYLE } from './style.js';

/** The handler returns an HTML page. */
export function HtmlPage(): MethodDecorator {
  return Header('Content-Type', 'text/html; charset=utf-8');
}

export function page(title: string, content: Html): string {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width" />
        <title>${title} – nestjs-session-bag</title>
        <style>
          ${STYLE}
        </style>
      </head>
      <body>
        <nav>
          <a href="/">Home</a>
          <a href="/user">Variables</a>
          <a href="/cart">Cart</a>
          <a href="/wizard">Wizard</a>
          <a href="/account">Account</a>
          <a href="/office">Office</a>
        </nav>
        <main>
          <h1>${title}</h1>
          ${content}
        </main>
      </body>
    </html> `.toString();
}

/** A form of one button. */
export function button(action: string, label: string): Html {
  return html`<form method="post" action="${action}"><button>${label}</button></form>`;
}
