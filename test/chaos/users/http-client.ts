import { Agent, request } from 'node:http';

/** What came of one request: an answer, or none and why. */
export type Reply = Answer | Failure;

export interface Head {
  readonly status: number;
  readonly setCookies: readonly string[];
}

export interface Answer extends Head {
  readonly body: string;
}

export interface Failure {
  readonly failure: string;
  /** Of an answer that had begun, and was cut. */
  readonly head?: Head | undefined;
}

/** Sends requests to one process of the application, over connections that stay open. */
export class HttpClient {
  readonly #agent = new Agent({ keepAlive: true });
  readonly #port: number;
  readonly #patience: number;

  /** @param patience milliseconds after which it waits no longer */
  constructor(port: number, patience: number) {
    this.#port = port;
    this.#patience = patience;
  }

  /** @param onBody is told what has come of the body, each time that more comes */
  send(
    method: string,
    path: string,
    cookie: string | undefined,
    onBody: (body: string) => void = () => {},
  ): Promise<Reply> {
    return new Promise((resolve) => {
      let head: Head | undefined;
      const fail = (error: NodeJS.ErrnoException): void => {
        resolve({ failure: error.code ?? error.message, head });
      };
      const sent = request(
        {
          host: '127.0.0.1',
          port: this.#port,
          agent: this.#agent,
          method,
          path,
          timeout: this.#patience,
          headers: { 'content-length': 0, ...(cookie !== undefined && { cookie }) },
        },
        (response) => {
          const { statusCode: status = 0, headers } = response;
          const begun = { status, setCookies: headers['set-cookie'] ?? [] };
          let body = '';
          head = begun;
          response.setEncoding('utf8').on('data', (text: string) => onBody((body += text)));
          response.on('error', fail);
          response.on('end', () => resolve({ ...begun, body }));
        },
      );
      sent.on('timeout', () => sent.destroy(new Error('no answer')));
      sent.on('error', fail);
      sent.end();
    });
  }

  close(): void {
    this.#agent.destroy();
  }
}
