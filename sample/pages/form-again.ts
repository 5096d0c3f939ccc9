import { BadRequestException } from '@nestjs/common';
import type { Form } from './form.pipe.js';

/** Answers 400 with the page of the form, which has what was typed and what is wrong with it. */
export class FormAgain extends BadRequestException {
  readonly view: string;
  readonly content: object;

  /** @param content what the page has beside the form */
  constructor(view: string, form: Partial<Form<string>>, content: object = {}) {
    super('Please look at the form again.');
    this.view = view;
    this.content = { ...content, ...form };
  }
}

export function isRefused({ problems }: Form<string>): boolean {
  return Object.keys(problems).length > 0;
}
