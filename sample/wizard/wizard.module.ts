import { Module } from '@nestjs/common';
import { WizardController } from './wizard.controller.js';

@Module({ controllers: [WizardController] })
export class WizardModule {}
