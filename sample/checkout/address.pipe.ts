import { Injectable, type PipeTransform } from '@nestjs/common';
import { TextPipe } from '../pages/text.pipe.js';
import type { Address } from './order.js';

/** The fields of an address in a form. What has no body, or none that was read, has none of them. */
@Injectable()
export class AddressPipe implements PipeTransform<unknown, Address> {
  readonly #text = new TextPipe();

  transform(body: unknown): Address {
    const { name, street, city } = (body ?? {}) as Partial<Record<keyof Address, unknown>>;
    return {
      name: this.#text.transform(name),
      street: this.#text.transform(street),
      city: this.#text.transform(city),
    };
  }
}
