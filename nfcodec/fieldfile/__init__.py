"""Our own field files, ``.pt``, ``.h5`` and ``.npz``: one tree, with a reader and a writer each."""
