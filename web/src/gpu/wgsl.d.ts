/** esbuild's text loader: the file as a string. */
declare module "*.wgsl" {
  const text: string;
  export default text;
}
