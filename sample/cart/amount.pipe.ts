import { BadRequestException, Injectable, type PipeTransform } from '@nestjs/common';
import { MOST_OF_EACH } from './cart.js';

/** By how many a count is to change. */
@Injectable()
export class AmountPipe implements PipeTransform<unknown, number> {
  transform(value: unknown): number {
    const amount = typeof value === 'string' && /^-?\d{1,3}$/.test(value) ? Number(value) : NaN;
    if (Math.abs(amount) <= MOST_OF_EACH) return amount;
    throw new BadRequestException(
      `Say by how many the count changes: a whole number from -${MOST_OF_EACH} to ${MOST_OF_EACH}.`,
    );
  }
}
