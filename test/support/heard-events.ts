import { onSessionEvent, type SessionEventName, type SessionEvents } from 'nestjs-session-bag';

/** What was heard on the channels: the events in their order, each with its name. */
export interface HeardEvents {
  readonly all: { readonly name: SessionEventName; readonly event: unknown }[];
  of<N extends SessionEventName>(name: N): SessionEvents[N][];
  /** Listens no more. */
  stop(): void;
}

/** Listens to these events of all applications of this process. */
export function hearEvents(...names: SessionEventName[]): HeardEvents {
  const all: HeardEvents['all'] = [];
  const stops = names.map((name) => onSessionEvent(name, (event) => all.push({ name, event })));
  return {
    all,
    of: <N extends SessionEventName>(name: N) =>
      all.filter((heard) => heard.name === name).map(({ event }) => event as SessionEvents[N]),
    stop: () => stops.forEach((stop) => stop()),
  };
}
