import { BadRequestException, Injectable, type PipeTransform } from '@nestjs/common';
import { LONGEST_TEXT } from './form.pipe.js';

/** A hidden field of a form, which nobody has typed. */
@Injectable()
export class TextPipe implements PipeTransform<unknown, string> {
  transform(value: unknown): string {
    const isText = typeof value === 'string' && value !== '' && value.length <= LONGEST_TEXT;
    if (isText) return value;
    throw new BadRequestException('A field of the form is missing.');
  }
}
