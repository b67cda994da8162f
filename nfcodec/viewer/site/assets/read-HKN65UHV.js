import{a}from"./chunk-DRDXOTBJ.js";import"./chunk-ZE4BOI5W.js";export{a as readField};
