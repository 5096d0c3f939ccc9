import { Html, html, type Part } from './html.js';
import type {
  InspectedCommit,
  InspectedRequest,
  InspectedSession,
  InspectedVariable,
  InspectorReport,
} from './inspector-report.js';
import { INSPECTOR_STYLE } from './inspector-style.js';
import { table } from './inspector-table.js';
import type { TwoTabs } from './two-tabs.js';

/** What a page shows beside the report. */
export interface PageFacts {
  /** The path of the page itself. */
  readonly path: string;
  /** Whether it comes again by itself. */
  readonly isLive: boolean;
  /** What the two tabs came to; null where that was not possible. */
  readonly tabs?: TwoTabs | null;
}

const LIVE_SECONDS = 2;
/** With no space around it: the content security policy names the hash of what is in the element. */
const STYLE = new Html(`<style>${INSPECTOR_STYLE}</style>`);

/** The whole page. */
export function inspectorPage(report: InspectorReport, facts: PageFacts): string {
  const { path, isLive } = facts;
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        ${isLive && html`<meta http-equiv="refresh" content="${LIVE_SECONDS}" />`}
        <title>Session inspector</title>
        ${STYLE}
      </head>
      <body>
        <main>
          <h1>Session inspector</h1>
          <p>
            <a href="${path}">Refresh</a> ·
            ${isLive ? html`<a href="${path}">Stop</a>` : html`<a href="${path}?live=1">Live</a>`} ·
            <a href="${path}/json">JSON</a>
          </p>
          ${storeSection(report)} ${sessionSection(report.session)} ${commitsSection(report)}
          ${tabsSection(facts)} ${requestsSection(report.requests)}
        </main>
      </body>
    </html>`;
  return page.text;
}

function storeSection({ adapter: { name, isUp, durationMs } }: InspectorReport): Html {
  return html`<section id="store">
    <h2>Store</h2>
    <p>
      <code>${name}</code>:
      ${
        isUp
          ? html`<strong class="good">up</strong>, answers in ${ms(durationMs)}`
          : html`<strong class="bad">down</strong>: routes that use their session answer 503`
      }
    </p>
  </section>`;
}

function sessionSection(session: InspectedSession | undefined): Html {
  return html`<section id="session">
    <h2>Your session</h2>
    ${session ? sessionFacts(session) : html`<p class="bad">The store cannot be asked for it.</p>`}
  </section>`;
}

function sessionFacts({ key, owner, createdAt, expiresAt, variables }: InspectedSession): Part {
  if (key === undefined) return html`<p class="soft">Nothing is stored for this browser yet.</p>`;
  return [
    html`<dl>
      <dt>Key in the store</dt>
      <dd><code>${key}</code></dd>
      <dt>Owner</dt>
      <dd>${owner ?? html`<span class="soft">nobody is logged in</span>`}</dd>
      <dt>Began</dt>
      <dd>${createdAt?.toISOString()}</dd>
      <dt>Ends if idle</dt>
      <dd>${expiresAt?.toISOString()}</dd>
    </dl>`,
    table('pairs', ['Variable', 'Value'], variables.flatMap(variableRows)),
  ];
}

function variableRows({ name, value, properties = [] }: InspectedVariable): Part[][] {
  return [
    [html`<code>${name}</code>`, html`<code>${value}</code>`],
    ...properties.map((property) => [
      html`<code class="inner">${property.name}</code>`,
      html`<code>${property.value}</code>`,
    ]),
  ];
}

function commitsSection({ commits }: InspectorReport): Html {
  const rows = commits.map(({ at, changes, attempts, durationMs }) => {
    return [time(at), changesOf(changes), attempts, ms(durationMs)];
  });
  return html`<section id="commits">
    <h2>Changes of your session, as they were committed</h2>
    ${table('wide', ['At', 'Changes', 'Attempts', 'Took'], rows)}
  </section>`;
}

function changesOf(changes: InspectedCommit['changes']): Part {
  if (changes.length === 0) return 'nothing but the record itself';
  return html`<ol>
    ${changes.map(({ kind, name, property }) => {
      return html`<li>${kind} <code>${[name, property].filter(Boolean).join('.')}</code></li>`;
    })}
  </ol>`;
}

function tabsSection({ path, tabs }: PageFacts): Html {
  return html`<section id="tabs">
    <h2>Two tabs write at once</h2>
    <p class="soft">
      On a session made for this, not on yours: two tabs read it, then each writes a variable.
    </p>
    ${tabsForm(path, 'merge', 'Two tabs write at once')}
    ${tabsForm(path, 'last-write-wins', 'The same with last-write-wins')} ${tabsResult(tabs)}
  </section>`;
}

/** As plain text: a form that every platform takes, whichever parsers the application has. */
function tabsForm(path: string, way: string, label: string): Html {
  return html`<form method="post" action="${path}?run=${way}" enctype="text/plain">
    <button>${label}</button>
  </form>`;
}

function tabsResult(tabs: TwoTabs | null): Part {
  if (tabs === undefined) return undefined;
  if (tabs === null) {
    return html`<p class="bad" id="result">
      This adapter keeps no sessions that two tabs could share.
    </p>`;
  }
  const areAllThere = tabs.writes.every(({ survived }) => survived);
  return html`<div id="result" data-way="${tabs.way}">
    ${tabs.writes.map(({ tab, variable, survived }) => {
      return html`<p class="${survived ? 'good' : 'bad'}">
        ${survived ? '✓' : '✗'} what tab ${tab} wrote (<code>${variable}</code>)
        ${survived ? 'is stored' : 'is lost'}
      </p>`;
    })}
    <p>
      ${areAllThere ? 'Nothing is lost.' : 'The later write has put back what it had read before.'}
    </p>
  </div>`;
}

function requestsSection(requests: readonly InspectedRequest[]): Html {
  const heads = ['At', 'Request', 'Store calls', 'In the store', 'Conflicts / retries', 'Events'];
  const rows = requests.map((request) => {
    const { label, at, calls, storeMs, conflicts, retries, events } = request;
    return [
      time(at),
      html`<code>${label}</code>`,
      calls.map(({ operation, outcome, durationMs }) => {
        return html`${operation} <span class="soft">${outcome}, ${ms(durationMs)}</span><br />`;
      }),
      ms(storeMs),
      `${conflicts} / ${retries}`,
      events.join(', '),
    ];
  });
  return html`<section id="requests">
    <h2>The last requests that used their session</h2>
    ${table('wide', heads, rows)}
  </section>`;
}

/** On one line, as `time()` is. */
function ms(duration: number): string {
  return `${duration.toFixed(1)}\u00a0ms`;
}

function time(at: Date): Html {
  return html`<time datetime="${at.toISOString()}">${at.toISOString().slice(11, 23)}</time>`;
}
