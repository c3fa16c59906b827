#!/usr/bin/env bash
# Writes the files that the readers are tried on: make_sets.sh FOLDER TRASHDATA
set -euo pipefail
folder=$1 trashdata=$2
rm -rf "$folder"
"$trashdata" sample --data "$folder" --images 40 --size 160 --quiet
"$trashdata" masks --data "$folder" --json train_all.json --quiet
for form in polygon rle; do
	"$trashdata" from-masks "$folder/masks" --data "$folder" --out "traced_$form" \
		--segmentation "$form" --quiet
	"$trashdata" copy-paste --data "$folder" --patch Paper --num 60 --mode self --min-area 20 \
		--segmentation "$form" --out "pasted_$form" --quiet
done
