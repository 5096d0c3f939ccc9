import { Injectable, type PipeTransform } from '@nestjs/common';
import { TextPipe } from '../pages/text.pipe.js';
import type { Address } from './order.js';

/** The fields of an address in a form. */
@Injectable()
export class AddressPipe implements PipeTransform<
  Partial<Record<keyof Address, unknown>>,
  Address
> {
  readonly #text = new TextPipe();

  transform({ name, street, city }: Partial<Record<keyof Address, unknown>>): Address {
    return {
      name: this.#text.transform(name),
      street: this.#text.transform(street),
      city: this.#text.transform(city),
    };
  }
}
