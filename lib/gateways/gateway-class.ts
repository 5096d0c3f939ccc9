import 'reflect-metadata';

/** What the decorator of gateways notes on their classes. */
const IS_GATEWAY = 'websockets:is_gateway';

export function isGatewayClass(metatype: unknown): metatype is Function {
  return typeof metatype === 'function' && Reflect.hasMetadata(IS_GATEWAY, metatype);
}
