import { BadRequestException, ParseEnumPipe } from '@nestjs/common';

/**
 * For a field that is chosen, not typed.
 *
 * @param refusal what is said to whoever sends anything else
 */
export function choicePipe<T extends Readonly<Record<string, string>>>(
  choices: T,
  refusal: string,
): ParseEnumPipe<T> {
  const exceptionFactory = (): Error => new BadRequestException(refusal);
  return new ParseEnumPipe(choices, { exceptionFactory });
}
