import { Module } from '@nestjs/common';
import { AccountController } from './account.controller.js';
import { Security } from './security.js';

@Module({ controllers: [AccountController], providers: [Security] })
export class AccountModule {}
