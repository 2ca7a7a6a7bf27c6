package cli

import (
	"errors"
	"io/fs"
	"syscall"

	"ruptura/internal/lang"
)

// unwritten is a file or folder that could not be written, told in both languages.
type unwritten struct {
	error
	words lang.Text
}

// In implements localised.
func (u unwritten) In(l lang.Lang) string { return u.words.In(l) }

// Unwrap gives the error below.
func (u unwritten) Unwrap() error { return u.error }

// writing gives an error of the file system, met while writing, the user's words; others pass.
func writing(err error) error {
	path, ok := errors.AsType[*fs.PathError](err)
	if !ok {
		return err
	}
	words := lang.Text{PT: "confira o caminho e o disco (" + path.Err.Error() + ")", EN: "check the path and the disk (" + path.Err.Error() + ")"}
	switch {
	case errors.Is(err, fs.ErrPermission), errors.Is(err, syscall.EROFS):
		words = lang.Text{
			PT: "sem permissão de escrita; confira as permissões da pasta, ou escolha outra",
			EN: "no permission to write; check the permissions of the folder, or choose another",
		}
	case errors.Is(err, syscall.ENOTDIR), errors.Is(err, fs.ErrExist):
		words = lang.Text{PT: "não é uma pasta; escolha outro nome", EN: "is not a folder; choose another name"}
	case errors.Is(err, syscall.ENOSPC):
		words = lang.Text{PT: "o disco está cheio; libere espaço", EN: "the disk is full; make room"}
	}
	return unwritten{err, lang.Text{
		PT: "não foi possível gravar em " + path.Path + ": " + words.PT,
		EN: "could not write to " + path.Path + ": " + words.EN,
	}}
}
