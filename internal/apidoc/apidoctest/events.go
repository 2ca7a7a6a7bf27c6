package apidoctest

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"
)

// validateEvents checks each event of a stream (Server-Sent Events): its data against the
// schema, and its id line against the id in the data.
func (d *Document) validateEvents(schema node, stream []byte) error {
	var all []error
	for i, frame := range strings.Split(strings.TrimSuffix(string(stream), "\n\n"), "\n\n") {
		if err := d.validateFrame(schema, frame); err != nil {
			all = append(all, fmt.Errorf("frame %d: %w\n%s", i+1, err, shorten([]byte(frame))))
		}
	}
	return errors.Join(all...)
}

func (d *Document) validateFrame(schema node, frame string) error {
	var id string
	var data []string
	for line := range strings.SplitSeq(frame, "\n") {
		field, value, _ := strings.Cut(line, ":")
		value = strings.TrimPrefix(value, " ")
		switch field {
		case "id":
			id = value
		case "data":
			data = append(data, value)
		case "retry", "": // reconnection time, comment
		default:
			return fmt.Errorf("line %q has no place in the stream", line)
		}
	}
	if data == nil {
		return nil
	}
	body := []byte(strings.Join(data, "\n"))
	return errors.Join(d.validateJSON(schema, body), sameID(id, body))
}

// sameID makes sure that the data repeats the event's id, or has none when there is none.
func sameID(id string, body []byte) error {
	var event struct {
		ID json.Number `json:"id"`
	}
	if err := json.Unmarshal(body, &event); err != nil {
		return fmt.Errorf("not an event: %w", err)
	}
	if event.ID.String() != id {
		return fmt.Errorf("the id line says %q, the data %q", id, event.ID)
	}
	return nil
}
