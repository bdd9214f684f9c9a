"""Where text comes from: files of any packing, columns and iterables, numbered word by word in bounded memory."""
