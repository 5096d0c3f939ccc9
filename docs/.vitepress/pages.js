/**
 * The pages in the order that teaches: what a newcomer needs first stands first.
 *
 * @type {readonly { title: string, pages: readonly (readonly [file: string, title: string])[] }[]}
 */
export const chapters = [
  {
    title: 'Learn',
    pages: [
      ['getting-started', 'Getting started'],
      ['sessions', 'Sessions'],
      ['bags', 'Bags'],
      ['persistent', 'Persistent data'],
      ['flash', 'Flash messages'],
    ],
  },
  {
    title: 'Stores',
    pages: [
      ['stores', 'Stores'],
      ['own-adapter', 'An adapter of your own'],
      ['express-session-stores', 'Stores of express-session'],
      ['cookie-adapter', 'Sessions in cookies'],
    ],
  },
  {
    title: 'Rely on it',
    pages: [
      ['concurrency', 'Concurrency'],
      ['reliability', 'Reliability'],
      ['security', 'Security'],
      ['encryption', 'Encryption'],
      ['testing', 'Testing'],
    ],
  },
  {
    title: 'See what happens',
    pages: [
      ['inspector', 'Inspector'],
      ['events', 'Events'],
      ['telemetry', 'Traces and metrics'],
      ['health', 'Health'],
    ],
  },
  {
    title: 'Beyond plain HTTP',
    pages: [
      ['websockets', 'WebSockets'],
      ['graphql', 'GraphQL'],
    ],
  },
  {
    title: 'Move to it',
    pages: [
      ['express-session', 'From express-session'],
      ['phalcon', 'From Phalcon'],
      ['moving-stores', 'To another store'],
    ],
  },
  {
    title: 'Reference',
    pages: [
      ['options', 'Options'],
      ['errors', 'Errors'],
      ['architecture', 'Architecture'],
      ['performance', 'Performance'],
      ['dependencies', 'Dependencies'],
    ],
  },
];
