import { BadRequestException, Injectable, type PipeTransform } from '@nestjs/common';

const LONGEST_TEXT = 100;

/** A field of a form that must be filled in. */
@Injectable()
export class TextPipe implements PipeTransform<unknown, string> {
  transform(value: unknown): string {
    const text = typeof value === 'string' ? value.trim() : '';
    if (text !== '' && text.length <= LONGEST_TEXT) return text;
    throw new BadRequestException(
      `Please fill in every field, with ${LONGEST_TEXT} characters at most.`,
    );
  }
}
