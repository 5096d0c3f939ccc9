const BROWSERS: readonly (readonly [RegExp, string])[] = [
  [/Edg\//, 'Edge'],
  [/Firefox\//, 'Firefox'],
  [/Chrome\//, 'Chrome'],
  [/Safari\//, 'Safari'],
];

const SYSTEMS: readonly (readonly [RegExp, string])[] = [
  [/iPhone|iPad/, 'iOS'],
  [/Android/, 'Android'],
  [/Windows/, 'Windows'],
  [/Mac OS X/, 'macOS'],
  [/Linux/, 'Linux'],
];

/** What a person calls the device that sends this User-Agent header. */
export function deviceName(userAgent = ''): string {
  const name = ([pattern]: readonly [RegExp, string]): boolean => pattern.test(userAgent);
  const [, browser = 'A browser'] = BROWSERS.find(name) ?? [];
  const [, system] = SYSTEMS.find(name) ?? [];
  return system === undefined ? browser : `${browser} on ${system}`;
}
