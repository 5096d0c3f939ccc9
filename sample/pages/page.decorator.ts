import { applyDecorators, Header, UseInterceptors } from '@nestjs/common';
import { PageInterceptor, PageView } from './page.interceptor.js';

/**
 * What the handler returns fills this view, below a head that knows the visitor. No cache keeps the
 * page, so that the back button shows nothing after a logout.
 */
export function Page(view: string): MethodDecorator {
  return applyDecorators(
    HtmlPage,
    PageView({ view, usesSession: true }),
    Header('Cache-Control', 'no-store'),
  );
}

/** What the handler returns fills this view, which uses no session and is the same for everybody. */
export function PublicPage(view: string): MethodDecorator {
  return applyDecorators(HtmlPage, PageView({ view, usesSession: false }));
}

const HtmlPage = applyDecorators(
  Header('Content-Type', 'text/html; charset=utf-8'),
  UseInterceptors(PageInterceptor),
);
