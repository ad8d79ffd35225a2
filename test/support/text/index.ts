export { compare } from './compare.ts';
export { draw } from './draw.ts';
export { drawingOf, drawings, readTextMarble, textMarbles } from './files.ts';
export { inWords, parse } from './parse.ts';
export { play } from './play.ts';
export { simulatedStage } from './simulatedStage.ts';
