"""The steps of training: module, optimizer, callbacks, trainer."""
