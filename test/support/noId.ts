/** The id of a topic that goes by its name. */
export const NO_ID: string = '0'.repeat(32);
