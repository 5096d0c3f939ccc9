import { BadRequestException, type PipeTransform } from '@nestjs/common';

/** In characters: what the `maxlength` of the fields says. */
export const LONGEST_TEXT = 100;

/** What was typed into the text fields of a form, each of which must be filled in. */
export interface Form<Field extends string> {
  /** Without the space around it. */
  readonly typed: Readonly<Record<Field, string>>;
  /** What is wrong, by field; empty where all of it can be taken. */
  readonly problems: Readonly<Partial<Record<Field, string>>>;
}

/** Reads a form, and leaves it to the handler to show it again where something is wrong. */
export class FormPipe<Field extends string> implements PipeTransform<unknown, Form<Field>> {
  readonly #fields: readonly Field[];

  constructor(fields: readonly Field[]) {
    this.#fields = fields;
  }

  /** @throws BadRequestException for what no form of the sample sends */
  transform(body: unknown): Form<Field> {
    const form = this.read(body);
    if (form) return form;
    throw new BadRequestException('A field of the form is missing.');
  }

  /** @returns undefined for what no form of the sample sends */
  read(body: unknown): Form<Field> | undefined {
    const sent = (body ?? {}) as Partial<Record<Field, unknown>>;
    const typed: Partial<Record<Field, string>> = {};
    const problems: Partial<Record<Field, string>> = {};
    for (const field of this.#fields) {
      const value = sent[field];
      if (typeof value !== 'string') return undefined;
      const text = value.trim();
      const problem = problemOf(text);
      typed[field] = text;
      if (problem !== undefined) problems[field] = problem;
    }
    return { typed: typed as Record<Field, string>, problems };
  }
}

function problemOf(text: string): string | undefined {
  if (text === '') return 'Please fill this in.';
  return text.length > LONGEST_TEXT ? `${LONGEST_TEXT} characters at most, please.` : undefined;
}
