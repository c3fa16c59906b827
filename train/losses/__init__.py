"""Losses, and class weights."""
