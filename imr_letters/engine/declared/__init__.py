"""The fields that a letter family declares in its `family.toml`: what may be declared, and the `Form` made of it."""

from imr_letters.engine.declared.declaration import Declared, FieldDeclaration, Forms, ValueDeclaration
from imr_letters.engine.declared.making import form_of

__all__ = ["Declared", "FieldDeclaration", "Forms", "ValueDeclaration", "form_of"]
