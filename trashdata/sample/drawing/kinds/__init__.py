"""The ten kinds of trash, one file each. Each draws one upright object into a frame.

The kinds differ in shape, in texture, and in how bright and how strongly coloured they are, so that
a small model learns them in minutes; hue is drawn from the whole circle in each of them.
"""
