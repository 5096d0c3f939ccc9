import { type Profiler, Session } from 'node:inspector';

/** Microseconds between two looks at what runs. */
const INTERVAL = 100;

let session: Session | undefined;

export async function beginProfile(): Promise<void> {
  session = new Session();
  session.connect();
  await post('Profiler.enable');
  await post('Profiler.setSamplingInterval', { interval: INTERVAL });
  await post('Profiler.start');
}

export async function endProfile(): Promise<Profiler.Profile> {
  const { profile } = (await post('Profiler.stop')) as Profiler.StopReturnType;
  session?.disconnect();
  return profile;
}

function post(method: string, params: object = {}): Promise<object | undefined> {
  return new Promise((resolve, reject) => {
    session?.post(method, params, (error, result) => {
      if (error) reject(error);
      else resolve(result);
    });
  });
}
