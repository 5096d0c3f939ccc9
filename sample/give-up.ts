/** Ends the process with one sentence: a setting, a store or a port that is of no use. */
export function giveUp(error: Error): never {
  console.error(isTaken(error) ? takenSentence(error) : error.message);
  process.exit(1);
}

/** What Node.js throws for a port on which somebody else listens. */
interface PortIsTaken extends Error {
  readonly port: number;
}

function isTaken(error: Error): error is PortIsTaken {
  return 'code' in error && error.code === 'EADDRINUSE';
}

function takenSentence({ port }: PortIsTaken): string {
  return `The port ${port} is taken: choose another in PORT, or end what listens there.`;
}
