package main

import "context"

// background is a function that runs until it is stopped.
type background struct {
	cancel context.CancelFunc
	ended  chan struct{}
}

func inBackground(run func(context.Context)) *background {
	ctx, cancel := context.WithCancel(context.Background())
	b := &background{cancel, make(chan struct{})}
	go func() {
		defer close(b.ended)
		run(ctx)
	}()
	return b
}

// stop waits for the end of what runs, if anything does.
func (b *background) stop() {
	if b != nil {
		b.cancel()
		<-b.ended
	}
}
