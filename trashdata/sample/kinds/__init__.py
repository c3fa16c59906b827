"""The ten kinds of trash, one file each. Each draws one upright object into a frame.

The kinds differ in shape and texture; hue is drawn from the whole circle in each of them.
"""
