import { FormPipe } from '../pages/form.pipe.js';

/** The fields of an address in a form. */
export const addressPipe = new FormPipe(['name', 'street', 'city']);
