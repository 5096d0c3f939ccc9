import { afterEach, beforeEach, jest } from '@jest/globals';

/**
 * Has the clock stand still in each test of a file.
 *
 * @returns moves it to so many seconds after its beginning
 */
export function stopClock(): (seconds: number) => void {
  const began = Date.now();
  let clock: jest.Spied<typeof Date.now>;

  beforeEach(() => {
    clock = jest.spyOn(Date, 'now').mockReturnValue(began);
  });
  afterEach(() => clock.mockRestore());

  return (seconds) => void clock.mockReturnValue(began + seconds * 1000);
}
