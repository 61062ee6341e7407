// Runs the recommender of the Vertical Pod Autoscaler on commands from standard input:
//
//	floor MIB          the minimum recommendation of a pod (250)
//	series NAME        starts another container
//	sample T BYTES     memory at a time, in seconds since 1970
//	oom T REQUEST      an OOM kill, and the request at that time
//	ask T              prints {"series", "at", "target", "lower", "upper"} in bytes
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"time"

	"k8s.io/autoscaler/vertical-pod-autoscaler/pkg/recommender/config"
	"k8s.io/autoscaler/vertical-pod-autoscaler/pkg/recommender/logic"
	"k8s.io/autoscaler/vertical-pod-autoscaler/pkg/recommender/model"
)

type answer struct {
	Series string  `json:"series"`
	At     int64   `json:"at"`
	Target float64 `json:"target"`
	Lower  float64 `json:"lower"`
	Upper  float64 `json:"upper"`
}

type container struct {
	name      string
	aggregate *model.AggregateContainerState
	state     *model.ContainerState
}

func newContainer(name string) *container {
	aggregate := model.NewAggregateContainerState()
	controlled := []model.ResourceName{model.ResourceCPU, model.ResourceMemory}
	aggregate.ControlledResources = &controlled
	return &container{name, aggregate, model.NewContainerState(model.Resources{}, aggregate)}
}

func (c *container) sample(at time.Time, bytes float64) {
	usage := model.MemoryAmountFromBytes(bytes)
	c.state.AddSample(&model.ContainerUsageSample{MeasureStart: at, Usage: usage, Resource: model.ResourceMemory})
	// VPA computes the length of the history from CPU samples.
	c.state.AddSample(&model.ContainerUsageSample{MeasureStart: at, Usage: 1, Resource: model.ResourceCPU})
}

func (c *container) ask(recommender logic.PodResourceRecommender, at int64) answer {
	all := recommender.GetRecommendedPodResources(model.ContainerNameToAggregateStateMap{c.name: c.aggregate})
	bytes := func(resources model.Resources) float64 {
		return model.BytesFromMemoryAmount(resources[model.ResourceMemory])
	}
	one := all[c.name]
	return answer{c.name, at, bytes(one.Target), bytes(one.LowerBound), bytes(one.UpperBound)}
}

func recommenderOf(floor float64) logic.PodResourceRecommender {
	c := config.DefaultRecommenderConfig()
	return logic.CreatePodResourceRecommender(logic.RecommendationConfig{
		SafetyMarginFraction:       c.SafetyMarginFraction,
		PodMinCPUMillicores:        c.PodMinCPUMillicores,
		PodMinMemoryMb:             floor,
		TargetCPUPercentile:        c.TargetCPUPercentile,
		LowerBoundCPUPercentile:    c.LowerBoundCPUPercentile,
		UpperBoundCPUPercentile:    c.UpperBoundCPUPercentile,
		ConfidenceIntervalCPU:      c.ConfidenceIntervalCPU,
		TargetMemoryPercentile:     c.TargetMemoryPercentile,
		LowerBoundMemoryPercentile: c.LowerBoundMemoryPercentile,
		UpperBoundMemoryPercentile: c.UpperBoundMemoryPercentile,
		ConfidenceIntervalMemory:   c.ConfidenceIntervalMemory,
	})
}

func main() {
	recommender := recommenderOf(config.DefaultRecommenderConfig().PodMinMemoryMb)
	current := newContainer("")
	lines := bufio.NewScanner(os.Stdin)
	out := json.NewEncoder(os.Stdout)
	for lines.Scan() {
		if err := execute(lines.Text(), &recommender, &current, out); err != nil {
			fmt.Fprintf(os.Stderr, "%q: %v\n", lines.Text(), err)
			os.Exit(2)
		}
	}
	if err := lines.Err(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(3)
	}
}

func execute(line string, recommender *logic.PodResourceRecommender, current **container, out *json.Encoder) error {
	var at int64
	var bytes, floor float64
	var name string
	if _, err := fmt.Sscanf(line, "sample %d %g", &at, &bytes); err == nil {
		(*current).sample(time.Unix(at, 0), bytes)
		return nil
	}
	if _, err := fmt.Sscanf(line, "oom %d %g", &at, &bytes); err == nil {
		return (*current).state.RecordOOM(time.Unix(at, 0), model.MemoryAmountFromBytes(bytes))
	}
	if _, err := fmt.Sscanf(line, "ask %d", &at); err == nil {
		return out.Encode((*current).ask(*recommender, at))
	}
	if _, err := fmt.Sscanf(line, "series %s", &name); err == nil {
		*current = newContainer(name)
		return nil
	}
	if _, err := fmt.Sscanf(line, "floor %g", &floor); err == nil {
		*recommender = recommenderOf(floor)
		return nil
	}
	return fmt.Errorf("expected floor, series, sample, oom or ask")
}
