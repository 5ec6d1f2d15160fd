// SPDX-FileCopyrightText: The Preview Stacks Authors
// SPDX-License-Identifier: Apache-2.0

package wire

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"strconv"
	"unicode/utf8"

	"google.golang.org/protobuf/encoding/protowire"
)

// appendStruct appends the selected members of a google.protobuf.Struct as a
// JSON object.
func appendStruct(out, b []byte, s selection) ([]byte, error) {
	out = append(out, '{')
	first := true
	err := eachMember(b, func(key, value []byte) error {
		below, wanted := s.pick(key)
		if !wanted {
			return nil
		}
		if !first {
			out = append(out, ',')
		}
		first = false
		out = append(appendText(out, key), ':')
		var err error
		out, err = appendValue(out, value, below)
		return err
	})
	return append(out, '}'), err
}

// maxDepth is protobuf's own limit. Without one, a message made for it would
// exhaust the stack, which ends the process.
const maxDepth = 10000

var errTooDeep = errors.New("values are nested too deeply")

// appendValue appends a google.protobuf.Value. One that is not set is null, as
// structpb has it.
func appendValue(out, b []byte, s selection) ([]byte, error) {
	if s.depth++; s.depth > maxDepth {
		return out, errTooDeep
	}
	f, err := content(b)
	if err != nil {
		return out, err
	}
	switch {
	case f.is(valueNumber, protowire.Fixed64Type):
		return appendNumber(out, math.Float64frombits(f.bits))
	case f.is(valueString, protowire.BytesType):
		return appendText(out, f.bytes), nil
	case f.is(valueBool, protowire.VarintType):
		return strconv.AppendBool(out, protowire.DecodeBool(f.bits)), nil
	case f.is(valueStruct, protowire.BytesType):
		return appendStruct(out, f.bytes, s)
	case f.is(valueList, protowire.BytesType):
		return appendList(out, f.bytes, s)
	}
	return append(out, "null"...), nil
}

func appendList(out, b []byte, s selection) ([]byte, error) {
	out = append(out, '[')
	first := true
	err := eachElement(b, func(value []byte) error {
		if !first {
			out = append(out, ',')
		}
		first = false
		var err error
		out, err = appendValue(out, value, s)
		return err
	})
	return append(out, ']'), err
}

// appendNumber writes integers without an exponent, since Go's JSON decoder
// refuses 1e+06 for an integer.
func appendNumber(out []byte, n float64) ([]byte, error) {
	if math.IsNaN(n) || math.IsInf(n, 0) {
		return out, fmt.Errorf("%v is not a JSON number", n)
	}
	if n == math.Trunc(n) && math.Abs(n) < 1e18 {
		return strconv.AppendInt(out, int64(n), 10), nil
	}
	return strconv.AppendFloat(out, n, 'g', -1, 64), nil
}

func appendText(out, text []byte) []byte {
	if plain(text) {
		out = append(out, '"')
		out = append(out, text...)
		return append(out, '"')
	}
	quoted, _ := json.Marshal(string(text)) //nolint:errchkjson // A string always marshals.
	return append(out, quoted...)
}

// plain tells whether a text needs no escaping in JSON.
func plain(text []byte) bool {
	for _, c := range text {
		if c < ' ' || c == '"' || c == '\\' {
			return false
		}
	}
	return utf8.Valid(text)
}
