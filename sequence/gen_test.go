package sequence_test
import ("testing";"os";"fmt";"strings";"github.com/rekindlehq/rekindle/sequence")
func TestGen(t *testing.T){
 f,_:=os.Create("/tmp/table.txt")
 for _,h:=range happenings(){
  var order []string; by:=map[string][]string{}; living:=0
  for _,m:=range moments(t){ ev:=h.event(m.life); a,acts,err:=sequence.Decide(m.life.Lead,ev,m.life.Now,m.life.Playbook); c:=cell(m.life.Lead,a,acts,err)
   if by[c]==nil{order=append(order,c)}
   if m.column=="final"{ if len(by[c])>0&&by[c][len(by[c])-1]=="final"{continue}} else {living++}
   by[c]=append(by[c],m.column)}
  var gs []string
  for _,c:=range order{ n:=by[c]; fin:=n[len(n)-1]=="final"; k:=len(n); if fin{k--}
   if k==living { n=append([]string{"living"}, n[k:]...) }
   gs=append(gs,strings.Join(n," ")+" → "+c)}
  fmt.Fprintf(f,"%s: %s\n",h.row,strings.Join(gs," | "))
 }
 f.Close()
}
