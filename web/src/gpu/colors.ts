/** Color maps for scalar fields: matplotlib's, as colors evenly apart (within 3 of 255). */

export const COLORMAPS: Readonly<Record<string, string>> = {
  viridis:
    "44015446085c471063481769481d6f482475472a7a46307e453781433d844142873f48893d4e8a3a538b38598c" +
    "355e8d33638d31688e2e6d8e2c718e2a768e297b8e27808e25848e23898e218e8d20928c1f978b1e9c891fa188" +
    "21a58524aa8328ae802eb37c35b7793dbc7446c06f50c46a5ac86465cb5e70cf577cd25089d54895d840a2da37" +
    "b0dd2fbddf26cae11fd8e219e5e419f1e51dfde725",
  magma:
    "00000402020b0504160907200e0b2b140e361a104221114e29115a311165390f6e420f754a107952137c5a167e" +
    "6219806a1c81721f81792282812581892881912b81992d80a1307eaa337db2357bba3878c23b75ca3e72d2426f" +
    "d9466be04c67e75263ec5860f1605df4695cf7725cf97b5dfb8560fc8e64fd9869fea16efeaa74feb47bfebd82" +
    "fec68afecf92fed89afde2a3fdebacfcf4b6fcfdbf",
  inferno:
    "00000402020c0504170a072210092d160b391e0c45260c512f0a5b380962400a67490b6a510e6c59106e61136e" +
    "69166e71196e781c6d801f6c88226a902568982766a02a63a82e5fb0315bb73557bf3952c63d4dcc4248d34743" +
    "d94d3ddf5337e45a31e9612bed6925f1711ff47918f78212f98b0bfa9407fb9d07fca60cfcb014fbba1ffac42a" +
    "f8cd37f6d746f4e156f2ea69f2f27df5f992fcffa4",
  cividis:
    "00224e002656002a5f002d68003070083370163770203a6f273e6e2e416d34456c3a486c3f4c6c444f6c49536c" +
    "4e566c535a6d575d6d5c616e60646f656870696b716d6f727272747676767a7a787e7d788381798885788d8878" +
    "928c789690779b9476a09875a59c74aaa073afa471b5a86fbaac6dbfb06bc4b468c9b965cfbd62d4c15fdac65b" +
    "dfca57e5cf52ead34cf0d846f6dd3ffce236fee838",
  turbo:
    "30123b36215f3b2f803f3e9c424bb54559cb4666dd4773eb4680f6458cfd4099ff38a5fb2fb2f427bee91fc9dd" +
    "1ad4d018ddc21ae4b622ebaa2ff19b3ff68a52fa7a65fd6979fe598bff4b9cfe40a9fb39b7f735c3f134d0ea34" +
    "dbe236e5d938eecf3af5c53afaba39fdae35fea130fe932afc8423f9751df46617ef5811e84b0ce14109d83706" +
    "ce2d04c32503b71d02a916019b0f018b09027a0403",
  coolwarm:
    "3b4cc04055c8465ecf4c66d6536edd5977e35f7fe86687ed6c8ff17396f57a9df881a4fb88abfd8fb1fe96b7ff" +
    "9dbdffa3c2feaac7fdb1cbfcb7cff9bed2f6c4d5f3cad8efcfdaead5dbe5dadce0dfdbd9e4d9d2e9d5cbedd2c3" +
    "f0cdbbf2c9b4f5c4acf6bea4f7b89cf7b194f7aa8cf6a385f59c7df39475f08b6eed8366e97a5fe57058e16751" +
    "dc5d4ad65244d0473dca3b37c32e31bb1b2cb40426",
  gray: "000000ffffff",
};

const SIZE = 256;

/** The 256 colors of a map, RGBA from 0 to 255; `name` is a key of {@link COLORMAPS}. */
export function rampOf(name: string): Uint8ClampedArray<ArrayBuffer> {
  const hex = COLORMAPS[name];
  if (hex === undefined) throw new RangeError(`there is no color map "${name}"`);
  const stops = hex.length / 6;
  const ramp = new Uint8ClampedArray(4 * SIZE);
  for (let i = 0; i < SIZE; i++) {
    const at = (i / (SIZE - 1)) * (stops - 1);
    const below = Math.min(stops - 2, Math.floor(at));
    for (let channel = 0; channel < 3; channel++) {
      const part = (stop: number) =>
        parseInt(hex.slice(6 * stop + 2 * channel, 6 * stop + 2 * channel + 2), 16);
      const low = part(below);
      ramp[4 * i + channel] = low + (part(below + 1) - low) * (at - below);
    }
    ramp[4 * i + 3] = 255;
  }
  return ramp;
}
