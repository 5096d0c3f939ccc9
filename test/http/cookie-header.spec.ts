import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { readCookie } from '../../lib/http/cookie-header.js';

describe('R19 the Cookie header', () => {
  const cases: [title: string, header: string | undefined, values: string[]][] = [
    ['no header', undefined, []],
    ['an empty one', '', []],
    ['one cookie', 'sid=a', ['a']],
    ['among others', 'x=1; sid=a; y=2', ['a']],
    ['without blanks', 'x=1;sid=a;y=2', ['a']],
    ['with many blanks', ' \t sid \t = \t a \t ;', ['a']],
    ['quotes', 'sid="a"', ['a']],
    ['quotes that hold blanks', 'sid=" a "', [' a ']],
    ['one quote only', 'sid="', ['"']],
    ['an empty value', 'sid=', ['']],
    ['no value', 'sid', []],
    ['an equals sign in the value', 'sid=a=b', ['a=b']],
    ['equal duplicates', 'sid=a; sid="a"', ['a']],
    ['different duplicates', 'sid=a; sid=b', ['a', 'b']],
    ['names that hold it', 'xsid=1; sidx=2; __Host-sid=3', []],
    ['another case', 'SID=a; Sid=b', []],
    ['a value that looks like it', 'x=sid=a', []],
    ['a quoted value with a semicolon', 'x="; sid=a"', ['a"']],
    ['old attributes', '$Version=1; sid=a; $Path=/', ['a']],
    ['no comma as a separator', '$Version=1,sid=a', []],
    ['escapes left alone', 'sid=%61', ['%61']],
    ['bytes above ASCII', 'sid=\u00e4\u00ff', ['\u00e4\u00ff']],
    ['a blank that is none', '\u00a0sid=a; \u0085sid=b; \u000bsid=c', []],
  ];

  it.each(cases)('%s', (_title, header, values) => {
    expect(readCookie(header, 'sid')).toEqual(values);
  });

  it('knows a cookie of any name', () => {
    expect(readCookie('__proto__=a; constructor=b', '__proto__')).toEqual(['a']);
    expect(readCookie('x=1', 'toString')).toEqual([]);
  });

  it('reads what stands beside arbitrary text', () => {
    const neighbour = fc.string().filter((text) => !/sid\s*=/.test(text));
    fc.assert(
      fc.property(neighbour, neighbour, (before, after) => {
        expect(readCookie(`${before};sid=a;${after}`, 'sid')).toEqual(['a']);
      }),
    );
  });

  const patterns = [';', ' ', '=', '"', 'sid', 'sid ', ' sid', ';sid', 'sid=;', '\t;'];
  it.each(patterns)('takes a megabyte of %j in linear time', (pattern) => {
    const header = `${pattern.repeat(1_000_000 / pattern.length)}; sid=a`;
    const start = performance.now();
    expect(readCookie(header, 'sid')).toContain('a');
    // Quadratic time would be minutes.
    expect(performance.now() - start).toBeLessThan(3000);
  });
});
