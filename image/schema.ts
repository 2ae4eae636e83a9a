/**
 * The tables of the images. A layer is known by the digest of its tar and lies in `layers/NAME`; an image is known by
 * the digest of its configuration, whose bytes are kept as they came.
 */
export const IMAGE_SCHEMA = `
CREATE TABLE IF NOT EXISTS layers (
  diff_id TEXT PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  size INTEGER NOT NULL,
  tar_size INTEGER NOT NULL,
  hides_lower INTEGER NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS images (
  id TEXT PRIMARY KEY,
  config BLOB NOT NULL,
  parent TEXT,
  tagged TEXT NOT NULL
) STRICT;
CREATE TABLE IF NOT EXISTS image_layers (
  image TEXT NOT NULL REFERENCES images (id) ON DELETE CASCADE,
  position INTEGER NOT NULL,
  layer TEXT NOT NULL REFERENCES layers (diff_id),
  PRIMARY KEY (image, position)
) STRICT;
CREATE INDEX IF NOT EXISTS image_layers_by_layer ON image_layers (layer);
CREATE TABLE IF NOT EXISTS image_names (
  name TEXT PRIMARY KEY,
  image TEXT NOT NULL REFERENCES images (id) ON DELETE CASCADE
) STRICT;
CREATE INDEX IF NOT EXISTS image_names_by_image ON image_names (image);
-- As what a registry keeps a layer: so that it need not be sent where it is. The source is a name without tag.
CREATE TABLE IF NOT EXISTS layer_blobs (
  layer TEXT NOT NULL REFERENCES layers (diff_id) ON DELETE CASCADE,
  digest TEXT NOT NULL,
  size INTEGER NOT NULL,
  media_type TEXT NOT NULL,
  source TEXT NOT NULL,
  PRIMARY KEY (layer, source, digest)
) STRICT;
-- What a check has found to be other than it must be: the next pull or load brings it in again.
CREATE TABLE IF NOT EXISTS damaged_layers (
  layer TEXT PRIMARY KEY REFERENCES layers (diff_id) ON DELETE CASCADE
) STRICT;
-- Layers that the engine makes itself: what hides its folders in the image host, and an empty one.
CREATE TABLE IF NOT EXISTS made_layers (
  content TEXT PRIMARY KEY,
  name TEXT NOT NULL UNIQUE
) STRICT;
`;
