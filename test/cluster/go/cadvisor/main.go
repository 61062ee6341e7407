// Package main runs cAdvisor's own manager, cache and Prometheus collector with cAdvisor's flags. The Go proxy has these libraries, but
// not cAdvisor's own main package, which is a module without a tag. It also serves a web UI, and watches Docker and Podman.
package main

import (
	"flag"
	"fmt"
	"log"
	"net/http"
	"strings"
	"time"

	"github.com/google/cadvisor/lib/cache/memory"
	"github.com/google/cadvisor/lib/container"
	"github.com/google/cadvisor/lib/manager"
	"github.com/google/cadvisor/lib/metrics"
	"github.com/google/cadvisor/lib/model"
	"github.com/google/cadvisor/lib/utils/sysfs"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"k8s.io/utils/clock"
)

func main() {
	var disabled container.MetricSet
	flag.Var(&disabled, "disable_metrics", "comma-separated list of metrics to disable")
	address := flag.String("listen_ip", "", "address to listen on")
	port := flag.Int("port", 8080, "port to listen on")
	prefixes := flag.String("raw_cgroup_prefix_whitelist", "", "comma-separated list of prefixes of cgroups")
	// The default of cAdvisor, and what the kubelet passes.
	kept := flag.Duration("storage_duration", 2*time.Minute, "how long to keep samples")
	flag.Parse()

	included := container.AllMetrics.Difference(disabled)
	cadvisor, err := manager.New(memory.New(*kept, nil), sysfs.NewRealSysFs(), manager.HousekeepingConfigFlags, included,
		strings.Split(*prefixes, ","), nil, "", 0)
	if err != nil {
		log.Fatal(err)
	}
	if err := cadvisor.Start(); err != nil {
		log.Fatal(err)
	}
	registry := prometheus.NewRegistry()
	registry.MustRegister(metrics.NewPrometheusCollector(cadvisor, metrics.DefaultContainerLabels, included, clock.RealClock{},
		model.RequestOptions{IdType: model.TypeName, Count: 1, Recursive: true}))
	http.Handle("/metrics", promhttp.HandlerFor(registry, promhttp.HandlerOpts{}))
	log.Fatal(http.ListenAndServe(fmt.Sprintf("%s:%d", *address, *port), nil))
}
