import { Body, Controller, Get, Post, Redirect, UseFilters } from '@nestjs/common';
import { RequireRecentLogin, SessionContext } from 'nestjs-session-bag';
import { addressPipe } from '../checkout/address.pipe.js';
import type { Address } from '../checkout/order.js';
import { FormAgain, isRefused } from '../pages/form-again.js';
import type { Form } from '../pages/form.pipe.js';
import { Page } from '../pages/page.decorator.js';
import { AddressFilter } from './address.filter.js';

/** With types for its variables, get('address') is an address and set('address', 7) an error. */
declare module 'nestjs-session-bag' {
  interface SessionData {
    address: Address;
  }
}

/** Whoever finds a browser that was left logged in does not change the address. */
@Controller('address')
@RequireRecentLogin(60)
@UseFilters(AddressFilter)
export class AddressController {
  constructor(private readonly sessions: SessionContext) {}

  @Get()
  @Page('address')
  show(): object {
    const { session } = this.sessions;
    const typed = session.pull('typedAddress');
    return { address: session.get('address'), typed };
  }

  @Post()
  @Redirect('/address', 303)
  save(@Body(addressPipe) form: Form<keyof Address>): void {
    if (isRefused(form)) throw new FormAgain('address', form);
    const { session } = this.sessions;
    session.set('address', form.typed).flash.success('Your address is saved.');
  }
}
