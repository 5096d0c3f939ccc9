import fc from 'fast-check';

/** Names that have a meaning of their own on plain objects, among others. */
export const anyName: fc.Arbitrary<string> = fc.oneof(
  fc.constantFrom('__proto__', 'constructor', 'toString', 'hasOwnProperty', 'then', '0', 'length'),
  fc.string({ minLength: 1, maxLength: 8, unit: 'binary' }),
);

const anyLeaf = fc.oneof(
  fc.constantFrom(undefined, null, true, false, 0, '', -0, Number.NaN, Infinity, -Infinity),
  fc.string({ unit: 'binary' }),
  fc.double(),
  fc.bigInt(),
  fc.date({ noInvalidDate: true }),
  fc.uint8Array({ maxLength: 8 }).map((bytes) => Uint8Array.from(bytes)),
  fc.uint8Array({ maxLength: 8 }).map((bytes) => Buffer.from(bytes)),
);

/** Every kind of value that a session stores, a tree: without repeated references. */
export const anyTree: fc.Arbitrary<unknown> = fc.letrec((tie) => ({
  value: fc.oneof({ depthSize: 'small', withCrossShrink: true }, anyLeaf, tie('composite')),
  composite: fc.oneof(
    fc.array(tie('value'), { maxLength: 5 }),
    fc.sparseArray(tie('value'), { maxLength: 6, maxNumElements: 3 }),
    fc
      .array(fc.tuple(anyName, tie('value')), { maxLength: 5 })
      .map((entries) => Object.fromEntries(entries) as unknown),
    fc.array(fc.tuple(tie('value'), tie('value')), { maxLength: 4 }).map((all) => new Map(all)),
    fc.array(tie('value'), { maxLength: 4 }).map((items) => new Set(items)),
  ),
})).value;

/** A value in which some objects stand several times, within themselves too. */
export const anyGraph: fc.Arbitrary<unknown> = fc
  .tuple(fc.array(anyTree, { minLength: 1, maxLength: 5 }), fc.array(fc.nat(), { maxLength: 4 }))
  .map(([trees, picks]) => {
    const containers = trees.filter((tree) => Array.isArray(tree));
    for (const pick of picks) {
      containers[pick % (containers.length || 1)]?.push(trees[pick % trees.length], trees);
    }
    return trees;
  });
